"""What all customers of a store share: calendar, goods, promotions, opening hours, the service desk."""
