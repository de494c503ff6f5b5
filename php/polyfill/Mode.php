<?php

declare(strict_types=1);

namespace RrEmbed;

/**
 * The plugin that this worker works for.
 */
enum Mode: string
{
    case Http = 'http';
    case Jobs = 'jobs';
    case Grpc = 'grpc';
    case Tcp = 'tcp';
    case Centrifuge = 'centrifuge';
    case Temporal = 'temporal';
    case Task = 'task';
}
