"""Roles and relationships: in which roles one person is a customer, and what customers are to each other."""
