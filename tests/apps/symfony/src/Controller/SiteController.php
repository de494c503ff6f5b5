<?php

declare(strict_types=1);

namespace App\Controller;

use App\Form\EntryType;
use Symfony\Bundle\FrameworkBundle\Controller\AbstractController;
use Symfony\Component\HttpFoundation\BinaryFileResponse;
use Symfony\Component\HttpFoundation\Cookie;
use Symfony\Component\HttpFoundation\File\UploadedFile;
use Symfony\Component\HttpFoundation\JsonResponse;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\HttpFoundation\StreamedResponse;
use Symfony\Component\Routing\Attribute\Route;

final class SiteController extends AbstractController
{
    #[Route('/', name: 'home')]
    public function home(Request $request): Response
    {
        return $this->render('home.html.twig', ['name' => $request->query->getString('name', 'world')]);
    }

    #[Route('/hello/{name}', name: 'hello')]
    public function hello(string $name): Response
    {
        $response = $this->render('home.html.twig', ['name' => $name]);
        $response->headers->setCookie(Cookie::create('visited', $name));

        return $response;
    }

    #[Route('/guestbook', name: 'guestbook', methods: ['GET', 'POST'])]
    public function guestbook(Request $request): Response
    {
        $form = $this->createForm(EntryType::class);
        $form->handleRequest($request);
        if ($form->isSubmitted() && $form->isValid()) {
            $session = $request->getSession();
            $session->set('entries', [...$session->get('entries', []), $form->getData()]);
            $this->addFlash('notice', 'Thank you, ' . $form->getData()['author']);

            return $this->redirectToRoute('guestbook', [], Response::HTTP_SEE_OTHER);
        }

        return $this->render('guestbook.html.twig', ['form' => $form, 'entries' => $request->getSession()->get('entries', [])]);
    }

    #[Route('/visits', name: 'visits')]
    public function visits(Request $request): Response
    {
        $visits = $request->getSession()->get('visits', 0) + 1;
        $request->getSession()->set('visits', $visits);

        return new Response("visit $visits\n", headers: ['Content-Type' => 'text/plain']);
    }

    #[Route('/upload', name: 'upload', methods: ['POST'])]
    public function upload(Request $request): Response
    {
        /** @var UploadedFile $file */
        $file = $request->files->get('document');
        $kept = $file->move(sys_get_temp_dir(), 'symfony-' . bin2hex(random_bytes(8)));
        $answer = ['title' => $request->request->get('title'), 'name' => $file->getClientOriginalName(), 'mime' => $file->getClientMimeType(),
            'size' => $kept->getSize(), 'content' => $kept->getContent()];
        unlink($kept->getPathname());

        return new JsonResponse($answer);
    }

    #[Route('/json', name: 'json', methods: ['POST', 'PUT'])]
    public function payload(Request $request): Response
    {
        return new JsonResponse(['method' => $request->getMethod(), 'got' => $request->toArray()]);
    }

    #[Route('/stream', name: 'stream')]
    public function parts(): Response
    {
        return new StreamedResponse(static function (): void {
            for ($i = 1; $i <= 3; $i++) {
                echo "part $i\n";
                flush();
            }
        }, headers: ['Content-Type' => 'text/plain']);
    }

    #[Route('/file', name: 'file')]
    public function styles(): Response
    {
        return new BinaryFileResponse(__DIR__ . '/../../public/css/site.css', headers: ['Content-Type' => 'text/css']);
    }

    #[Route('/boom', name: 'boom')]
    public function boom(): Response
    {
        throw new \DomainException('the application is broken here');
    }
}
