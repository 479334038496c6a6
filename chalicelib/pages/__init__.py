"""What browsers load: scripts, words, pictures, frames and the dashboard page."""
