"""What several tests lean on: fakes, a gateway, faulty networks. No test lives here."""
