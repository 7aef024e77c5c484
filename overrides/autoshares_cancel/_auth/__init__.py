"""Who the caller is: credentials, the environment, log-ins."""
