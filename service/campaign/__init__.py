"""Records of the campaign: stances of states and institutions, messages, meetings, introductions, small grants."""
