@extends('layout')
@section('body')<h1>Our own error page: 419</h1>@endsection
