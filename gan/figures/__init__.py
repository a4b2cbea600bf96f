"""Arrays in, pictures out: what charts and walls are made of. Door layer, without Streamlit."""
