"""ITH analyses: from any NAV to its epochs, fitness, features and live detection."""
