"""The papers of the desk: what each form says, as a sheet that a page shows and a PDF draws. It knows no dossiers."""
