<?php

declare(strict_types=1);

namespace RrEmbed\Http;

use RrEmbed\Exception\InvalidStateException;

/**
 * A file that the client sent. The server deletes it after the exchange unless it was moved.
 */
final readonly class UploadedFile
{
    /**
     * @param string $clientName the name at the client's side; never a path to write to
     * @param string $clientType the media type as the client says
     * @param string $path       where the server stored it; '' when it did not
     * @param int    $size       bytes
     * @param int    $error      an UPLOAD_ERR_* constant
     */
    public function __construct(
        public string $clientName,
        public string $clientType,
        public string $path,
        public int $size,
        public int $error,
    ) {
    }

    /**
     * Moves the file; it is then the caller's.
     *
     * @param string $target the new path, with the name; an existing file is replaced
     *
     * @throws InvalidStateException when there is no file: not stored, or moved already
     * @throws \ValueError           when $target cannot be written
     */
    public function moveTo(string $target): void
    {
        if (\UPLOAD_ERR_OK !== $this->error) {
            throw new InvalidStateException("the server did not store this upload, error {$this->error}");
        }
        if (!is_file($this->path)) {
            throw new InvalidStateException('the uploaded file was moved already');
        }
        if (!@rename($this->path, $target)) {
            throw new \ValueError("cannot move the uploaded file to {$target}: ".(error_get_last()['message'] ?? 'unknown reason'));
        }
        // The server makes it 0600; move_uploaded_file() leaves what the umask allows.
        @chmod($target, 0o666 & ~umask());
    }
}
