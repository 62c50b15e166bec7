"""Pictures, pages and figures about data sets and about the models trained on them."""
