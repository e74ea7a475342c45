"""The explorer of neural memorization: a Streamlit app on `core`."""
