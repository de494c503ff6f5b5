--TEST--
phpinfo() says how the server is reached
--EXTENSIONS--
rr_embed
--FILE--
<?php
ob_start();
phpinfo(INFO_MODULES);
$text = strip_tags(str_replace('</td>', ' => ', ob_get_clean()));
preg_match('/^\s*rr_embed\s*$.*?rr_embed\.rpc_timeout[^\n]*/ms', $text, $section);
foreach (['Version', 'Build', 'Transport', 'Host', 'Server address', 'In a worker', 'rr_embed.rpc', 'rr_embed.rpc_timeout',
    'rr_embed.rpc_connect_timeout'] as $row) {
    if (!preg_match('/^\s*' . preg_quote($row) . '\s*=>\s*\S/m', $section[0] ?? $text)) {
        echo "no row $row\n";
    }
}
echo 'done';
?>
--EXPECT--
done
