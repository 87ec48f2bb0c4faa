"""The vaccination survey: who lives here, who is vaccinated, who has not been reached (letters L1.3, L1.5)."""
