"""HTTP: requests and answers, problems, ranges, uploads, events; the API's description."""
