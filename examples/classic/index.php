<?php

declare(strict_types=1);

// Run from the top for each request: nothing is kept between two of them.
session_start();
$visits = is_int($_SESSION['visits'] ?? null) ? $_SESSION['visits'] + 1 : 1;
$_SESSION['visits'] = $visits;

$uri = is_string($_SERVER['REQUEST_URI'] ?? null) ? $_SERVER['REQUEST_URI'] : '/';
$path = htmlspecialchars(strtok($uri, '?') ?: '/');
$name = htmlspecialchars(is_string($_POST['name'] ?? null) ? $_POST['name'] : 'you');
?>
<!doctype html>
<title>classic</title>
<p>Hello <?php echo $name; ?>! This is visit <?php echo $visits; ?>, to <?php echo $path; ?>.</p>
<form method="post"><input name="name" placeholder="Your name"> <button>Greet</button></form>
<p><a href="/info.php">info.php</a> is a script of its own; every other path comes here.</p>
