"""HTTP/1.1 over three kinds of streams: sends one request once, and reads its reply."""
