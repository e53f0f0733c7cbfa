"""Promises of the house: what is due and late, by whom; one promise with its story; how many are kept."""
