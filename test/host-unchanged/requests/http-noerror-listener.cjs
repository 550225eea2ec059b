const http = require('http');
http.get('http://127.0.0.1:1/');
