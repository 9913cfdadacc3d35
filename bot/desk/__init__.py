"""The pages of social media admins, their supervisors and auditors, at /desk.

A page is one module here, one template and its words in templates/desk/, and its lines in `routes.py`, each with its permission.
"""
