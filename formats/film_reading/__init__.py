"""Reading films of any format as grey arrays, and what their files say beside the pixels."""
