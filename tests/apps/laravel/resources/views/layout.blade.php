<!DOCTYPE html>
<html lang="en">
  <head><meta charset="utf-8"><title>Test</title><link rel="stylesheet" href="/css/site.css"></head>
  <body>@yield('body')</body>
</html>
