"""What hangs on a customer, a noun to a file: the question to the database, the row that it answers, the forms."""
