"""Steps: what changes images, one kind after another, by values that are drawn and recorded."""
