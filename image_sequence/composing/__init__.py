"""From labels to pictures: spacing, transforms, canvas and the composer that joins them."""
