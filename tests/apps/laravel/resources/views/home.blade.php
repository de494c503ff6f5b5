@extends('layout')
@section('body')<h1>Hello {{ $name }}</h1><a href="{{ url('guestbook') }}">guest book</a>@endsection
