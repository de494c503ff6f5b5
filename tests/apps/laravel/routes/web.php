<?php

use App\Http\Controllers\SiteController;
use Illuminate\Support\Facades\Route;

Route::get('/', [SiteController::class, 'home']);
Route::get('/hello/{name}', [SiteController::class, 'hello']);
Route::get('/guestbook', [SiteController::class, 'guestbook']);
Route::post('/guestbook', [SiteController::class, 'sign']);
Route::get('/visits', [SiteController::class, 'visits']);
Route::get('/stream', [SiteController::class, 'parts']);
Route::get('/file', [SiteController::class, 'styles']);
Route::get('/boom', [SiteController::class, 'boom']);
