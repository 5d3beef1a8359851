let it = 'be';
