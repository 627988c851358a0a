import CPatchbay
