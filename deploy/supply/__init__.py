"""What the image is made of, for whoever has to answer for it: licences, known vulnerabilities, bill of materials."""
