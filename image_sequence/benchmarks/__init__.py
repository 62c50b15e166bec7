"""What `image-sequence bench` measures. Nothing here is needed to make pictures."""
