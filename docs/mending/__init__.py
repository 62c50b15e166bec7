"""What differs between the repository's texts and the site made of them."""
