"""The owner's page of alerts: `forms.py`, what he chooses; `places.py`, where to, and whether it arrives."""
