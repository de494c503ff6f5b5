@extends('layout')
@section('body')<h1>Our own error page: 500</h1>@endsection
