--TEST--
RrEmbed\Services: created, restarted, looked at and terminated
--CONFIG--
service: {}
--FILE--
<?php
use RrEmbed\{Services, ServiceSpec};

$services = new Services();
$services->create(new ServiceSpec('sleeper', 'sleep 600', 2, env: ['A' => 'b']));
var_dump($services->list());
$status = $services->status('sleeper');
var_dump(count($status), $status[0]['pid'] > 0, str_contains($status[0]['command'], 'sleep'), $status[1]['error']);
$services->restart('sleeper');
var_dump($services->status('sleeper')[0]['pid'] !== $status[0]['pid']);
try {
    $services->create(new ServiceSpec('sleeper', 'sleep 600'));
} catch (RrEmbed\Exception\ServiceException $e) {
    echo $e->method, ': ', $e->serverMessage, "\n";
}
$services->terminate('sleeper');
var_dump($services->list());
--EXPECT--
array(1) {
  [0]=>
  string(7) "sleeper"
}
int(2)
bool(true)
bool(true)
NULL
bool(true)
service.Create: the service with sleeper name already exists
array(0) {
}
--STDERRF--
%A
