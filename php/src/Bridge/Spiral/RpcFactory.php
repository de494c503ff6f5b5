<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Spiral;

use RrEmbed\Rpc;
use Spiral\Goridge\RPC\Codec\JsonCodec;
use Spiral\Goridge\RPC\CodecInterface;
use Spiral\Goridge\RPC\RPC as SpiralRpc;
use Spiral\Goridge\RPC\RPCInterface;

/**
 * The RPC for RoadRunner's own packages: native with the extension, else the package's.
 */
final class RpcFactory
{
    /**
     * @param non-empty-string|null $address null is the server this script belongs to
     */
    public static function create(?string $address = null, CodecInterface $codec = new JsonCodec()): RPCInterface
    {
        if (\extension_loaded('rr_embed')) {
            return new NativeRpc(new Rpc($address), $codec);
        }
        $address ??= (new Environment())->getRPCAddress();
        \assert('' !== $address);

        return SpiralRpc::create($address, $codec);
    }
}
