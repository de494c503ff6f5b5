<?php
// What scripts on threads share, by ?op=.
use RrEmbed\Exception\ClientDisconnectedException;
use RrEmbed\Kv;
use RrEmbed\Lock;
use RrEmbed\Metrics;

$kv = new Kv('mem');
switch ($_GET['op'] ?? '') {
    case 'hammer': // steps, a section that one may be in, counts, and a report that all of it was done
        $locks = new Lock();
        $counter = Metrics::counter('hammered', labels: ['what']);
        for ($i = 0; $i < 20; ++$i) {
            $kv->increment('steps');
            $counter->inc(1, ['what' => 'step']);
            $lock = $locks->acquire('section ' . $i % 3, ttl: 600, wait: 600) ?? exit('no lock');
            $kv->set("guarded " . $i % 3, (string) ((int) $kv->get("guarded " . $i % 3) + 1));
            $lock->release();
            $kv->set("mine $i", str_repeat('x', random_int(0, 10000)), ttl: 0.01);
            $kv->getMany(['steps', "mine $i", 'none']);
            $reader = $locks->acquire('read', wait: 600, shared: true);
            Metrics::histogram('time', [1, 2])->observe($i / 10);
            unset($reader);
        }
        echo 'done';
        break;
    case 'sums':
        echo $kv->get('steps'), ' ', array_sum($kv->getMany(['guarded 0', 'guarded 1', 'guarded 2']));
        break;
    case 'hold':
        echo (new Lock())->acquire('held', ttl: (float) ($_GET['ttl'] ?? 0), owner: 'keeper')->detach();
        break;
    case 'free':
        echo (new Lock())->restore('held', 'keeper')->release() ? 'freed' : 'was free';
        break;
    case 'wait':
        $kv->set('waits', 'yes');
        try {
            $lock = (new Lock())->acquire('held', wait: 3600);
            echo $lock ? 'had' : 'not had';
        } catch (ClientDisconnectedException $e) {
            $kv->set('ended', $e->getMessage());
            throw $e;
        }
        break;
    case 'get':
        echo $kv->get($_GET['key']) ?? 'none';
        break;
    default:
        echo 'up';
}
