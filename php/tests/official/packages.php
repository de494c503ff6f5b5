<?php

declare(strict_types=1);

/*
 * Runs operations.php and prints what comes out as JSON.
 *
 *     php packages.php VENDOR TRANSPORT ADDRESS PREFIX     TRANSPORT: official, native
 */

use RrEmbed\Bridge\Spiral\NativeRpc;
use RrEmbed\Rpc;
use Spiral\Goridge\RPC\RPC as SpiralRpc;

/** @var list<string> $argv */
[, $vendor, $transport, $address, $prefix] = $argv;
require "{$vendor}/autoload.php";
require dirname(__DIR__, 2).'/autoload.php';

$rpc = 'native' === $transport ? new NativeRpc(new Rpc($address)) : SpiralRpc::create($address);
echo json_encode((require __DIR__.'/operations.php')($rpc, $address, $prefix), \JSON_THROW_ON_ERROR);
