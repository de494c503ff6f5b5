<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use Illuminate\Routing\Controller;

class SiteController extends Controller
{
    public function home(Request $request)
    {
        return view('home', ['name' => $request->query('name', 'world')]);
    }

    public function hello(string $name)
    {
        return response()->view('home', ['name' => $name])->cookie('visited', $name);
    }

    public function guestbook(Request $request)
    {
        return view('guestbook', ['entries' => $request->session()->get('entries', [])]);
    }

    public function sign(Request $request)
    {
        $entry = $request->validate(['author' => 'required', 'text' => 'required|min:3']);
        $request->session()->push('entries', $entry);

        return redirect('/guestbook')->with('notice', 'Thank you, ' . $entry['author']);
    }

    public function visits(Request $request)
    {
        $request->session()->put('visits', $visits = $request->session()->get('visits', 0) + 1);

        return response("visit $visits\n")->header('Content-Type', 'text/plain');
    }

    public function upload(Request $request)
    {
        $file = $request->file('document');
        $kept = $file->move(sys_get_temp_dir(), 'laravel-' . bin2hex(random_bytes(8)));
        $answer = ['title' => $request->input('title'), 'name' => $file->getClientOriginalName(), 'mime' => $file->getClientMimeType(),
            'size' => $kept->getSize(), 'content' => $kept->getContent()];
        unlink($kept->getPathname());

        return $answer;
    }

    public function payload(Request $request)
    {
        return ['method' => $request->method(), 'got' => $request->json()->all()];
    }

    public function parts()
    {
        return response()->stream(function () {
            for ($i = 1; $i <= 3; $i++) {
                echo "part $i\n";
                flush();
            }
        }, 200, ['Content-Type' => 'text/plain']);
    }

    public function styles()
    {
        return response()->file(public_path('css/site.css'), ['Content-Type' => 'text/css']);
    }

    public function boom()
    {
        throw new \DomainException('the application is broken here');
    }
}
