"""What everything that shows a result has to say, and nothing words anew."""

SHORT_NOTICE = "Research software, not a medical device"
"""Where there is no room for more: on a picture."""
NOTICE = f"{SHORT_NOTICE}. Not for diagnosis: no result may guide the care of a person."
