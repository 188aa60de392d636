module goorders

go 1.23
