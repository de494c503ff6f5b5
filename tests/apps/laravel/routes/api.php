<?php

use App\Http\Controllers\SiteController;
use Illuminate\Support\Facades\Route;

Route::post('/upload', [SiteController::class, 'upload']);
Route::match(['post', 'put'], '/json', [SiteController::class, 'payload']);
