"""Our own components: charts, walls, players, each a script with its Python door."""
