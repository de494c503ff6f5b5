@extends('layout')
@section('body')<h1>Our own page for what is not there</h1>@endsection
