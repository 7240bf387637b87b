"""F7 Báo cáo: a period, its figures and charts; each figure opens the dossiers behind it."""
