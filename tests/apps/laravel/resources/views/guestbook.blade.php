@extends('layout')
@section('body')
@if (session('notice'))<p class="notice">{{ session('notice') }}</p>@endif
@foreach ($errors->all() as $error)<p class="error">{{ $error }}</p>@endforeach
<ul>@foreach ($entries as $entry)<li>{{ $entry['author'] }}: {{ $entry['text'] }}</li>@endforeach</ul>
<form method="post">@csrf<input name="author"><textarea name="text"></textarea><button>Send</button></form>
@endsection
