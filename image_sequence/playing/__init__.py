"""The playground: a local page where one sees at once what settings do."""
