--TEST--
Functions that scripts of php-fpm look for
--FILE--
<?php
foreach (['fastcgi_finish_request', 'getallheaders', 'apache_request_headers', 'apache_response_headers'] as $name) {
    echo $name, ' ', function_exists($name) ? 'yes' : 'no', "\n";
}
--EXPECTF--
fastcgi_finish_request yes
getallheaders yes
apache_request_headers yes
%s
