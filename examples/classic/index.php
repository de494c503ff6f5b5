<?php

declare(strict_types=1);

// Run from the top for each request: nothing is kept between two of them.
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;

$path = htmlspecialchars(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$name = htmlspecialchars(is_string($_POST['name'] ?? null) ? $_POST['name'] : 'you');
?>
<!doctype html>
<title>classic</title>
<p>Hello <?= $name ?>! This is visit <?= $_SESSION['visits'] ?>, to <?= $path ?>.</p>
<form method="post"><input name="name" placeholder="Your name"> <button>Greet</button></form>
<p><a href="/info.php">info.php</a> is a script of its own; every other path comes here.</p>
