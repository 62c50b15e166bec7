"""What is written on the pictures: label policies, and what they share."""
